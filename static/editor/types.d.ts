// Every type of the editor, ambient: modules name them in JSDoc without importing anything.

type Point = { x: number; y: number };
type Size = { width: number; height: number };
type Rect = Point & Size;

// ---- shapes: the form of the API, coordinates in pixels of the upright picture ----
type Source = {
  kind: "human" | "model" | "import";
  model_version?: string;
  prediction?: string;
  action?: "accepted" | "edited" | "drawn";
};
type Value = string | number | boolean | null;
type ShapeCommon = {
  id: string;
  label: string;
  attributes: Record<string, Value>;
  source: Source;
  score?: number;
};
type Ring = [number, number][];
type Box = ShapeCommon & Rect & { type: "box"; rotation?: number };
type Polygon = ShapeCommon & { type: "polygon"; parts: Ring[][] };
type Shape = Box | Polygon;
type Suggestion = Shape & { score: number; deployment?: string };

/** A place on a shape that can be dragged. `insert` handles add a corner where there is none yet. */
type Handle = Point & { name: string; cursor: string; insert?: boolean };
type Path = { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void; closePath(): void };
type ShapeKind<S extends Shape = Shape> = {
  bounds(shape: S): Rect;
  area(shape: S): number;
  contains(shape: S, point: Point): boolean;
  trace(path: Path, shape: S, tolerance: number): void;
  handles(shape: S): Handle[];
  moved(shape: S, dx: number, dy: number): S;
  resized(shape: S, handle: string, to: Point): S;
  grown(shape: S, dx: number, dy: number): S;
  tidy(shape: S, picture: Size): S | null;
};

// ---- the document ----
/** What changes: a shape's new value or null, and whether a prediction is rejected. */
type Patch = { shapes?: Map<string, Shape | null>; rejected?: Map<string, boolean> };
type Origin = "local" | "remote";
type GestureKind = "do" | "undo" | "redo";
type Gesture = { kind: GestureKind; before: Required<Patch>; after: Required<Patch> };

// ---- task payload ----
type AttributeSpec = {
  name: string;
  title: string;
  type: "select" | "checkbox" | "text" | "number";
  options?: (string | { name: string; title: string })[];
  required?: boolean;
  default?: Value;
};
type LabelSpec = { id: string; name: string; title: string; color: number; key?: string; geometry?: string[]; attributes: AttributeSpec[] };
type Deployment = {
  id: string;
  model: string;
  version: string;
  model_version?: string;
  state: "stopped" | "warming" | "ready";
  default: boolean;
};
type Held = { token: string; expires_at: string };
type TileSource = { url: string; size: number; levels: number };
type Picture = Size & { id: string; name: string; thumb: string; preview: string; full: string; tiles: TileSource };
type Task = {
  id: string;
  state: string;
  round: number;
  priority: number;
  due_at: string | null;
  stage: {
    id: string;
    key: string;
    kind: "label" | "review";
    title: string;
    instructions: string;
    tools: string[];
    labels: string[] | null;
    question: { attribute: string | null; label: boolean } | null;
    skip: string[];
  };
  unit: { id: string; kind: "item" | "tile" | "object"; region: Rect | null; subject: string | null };
  project: { id: string; name: string };
  item: Picture;
  recipe: { version_id: string; number: number; instructions: string; labels: LabelSpec[] };
  suggestions_shown: boolean;
  deployments: Deployment[];
  returned: { comment: string; at: string } | null;
  annotations: Shape[];
  lease: Held | null;
};
type Draft = { revision: number; values: Record<string, Shape | null>; rejected: string[] };
type Operation =
  | { op_id: string; shape_id: string; value: Shape | null }
  | { op_id: string; prediction: string; rejected: boolean };

// ---- tasks about one object ----
/** An answer that may be chosen; `key` is its digit, or empty. */
type Choice = { value: Value; title: string; key: string; color?: number };
/** `attribute` is null when the label is asked for. */
type Question = { title: string; attribute: AttributeSpec | null; kind: "choice" | "text" | "number"; choices: Choice[] };

// ---- predictions ----
type ReadTile = Rect & { index: number; done?: boolean };
type Running = {
  inference: string;
  model_version: string;
  done: number;
  total: number;
  state: string;
  tiles: ReadTile[];
  shapes: Suggestion[];
};
type PredictionPage = { results: Suggestion[]; seq: number; running: Running[]; read_by: string[] };
type ReadingState = "none" | "queued" | "warming" | "reading" | "done" | "failed";

// ---- live channel ----
type Frame = { type: string; topic?: string; id?: string; seq?: number; [field: string]: unknown };
type SocketLike = {
  send(text: string): void;
  close(code?: number): void;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
};

// ---- tools, commands, rendering ----
/** A pointer event in picture pixels; `reach` is how far a finger or mouse may miss, in picture pixels. */
type PointerInfo = Point & { shift: boolean; ctrl: boolean; alt: boolean; reach: number };
/** The contract is prose in tools/tool.js. */
type Tool = {
  id: string;
  cursor: string;
  pointerDown(event: PointerInfo): void;
  pointerMove(event: PointerInfo): void;
  pointerUp(event: PointerInfo): void;
  doubleClick(event: PointerInfo): void;
  key(name: string): boolean;
  lose(): void;
  cancel(): boolean;
};
/** What a tool shows before it is in the document: an unfinished outline or a selection rectangle. */
type Preview = { kind: "outline"; points: Point[]; label: string } | { kind: "band"; rect: Rect };
type Command = {
  id: string;
  group: "question" | "suggestions" | "tools" | "objects" | "view" | "flow" | "review";
  label: string;
  keys: string[];
  enabled(editor: Editor): boolean;
  run(editor: Editor): void;
  /** The dialog shows one line for several commands that differ by one key only. */
  family?: string;
};
/** Acts that reach beyond the document; the page gives them to the editor. */
type Flow = {
  submit(): void;
  skip(): void;
  ask(): void;
  accept(): void;
  fix(): void;
  giveBack(): void;
  keys(): void;
  questions(): void;
  /** Whether nothing is being handed in: an answer meant for the next object must not go to this one. */
  isFree(): boolean;
  mayTakeBack(): boolean;
  takeBack(): void;
  search(): void;
  say(text: string, undo?: () => void): void;
};
type Layer = "picture" | "shapes" | "suggestions" | "live";
type View = { scale: number; x: number; y: number };
type Scene = { size: number; bounds(index: number): Rect; at(index: number): Shape; within(rect: Rect): number[] };


// ---- sync ----
type SaveState = "saved" | "saving" | "kept" | "conflict" | "refused";
type LogEntry = { key?: number; task: string; kind: GestureKind; before: Required<Patch>; operations: Operation[] };
type Journal = { entries: (LogEntry & { isSent: boolean })[]; revision: number };
/** Where the journal of a task is kept in this browser. */
type Log = {
  append(entry: LogEntry): Promise<number>;
  markSent(task: string, keys: number[], revision: number): Promise<void>;
  read(task: string): Promise<Journal>;
  forget(task: string): Promise<void>;
};
/** What a person finds when they open a task. */
type Findings = { shapes: Shape[]; rejected: string[]; revision: number; unsent: LogEntry[]; steps: LogEntry[] };
type ToPath = (id: string) => string;
/** What a session works with. */
type Parts = {
  editor: Editor;
  api: Api;
  paths: Record<"task" | "draft" | "lease" | "submission" | "skip" | "verdict" | "assist" | "claims", ToPath>;
  log: Log;
  autosave: Autosave;
  socket: LiveSocket;
  feed: PredictionFeed;
  lease: Lease;
  pulses: Pulses;
};

// ---- classes, named here so that no comment has to import: the hashing of static files would follow it ----
type Editor = import("./editor.js").Editor;
type Store = import("./store.js").Store;
type History = import("./history.js").History;
type Suggestions = import("./suggestions.js").Suggestions;
type Reading = import("./reading.js").Reading;
type Viewport = import("./viewport.js").Viewport;
type Renderer = import("./render/renderer.js").Renderer;
type Session = import("./sync/session.js").Session;
type Api = import("./sync/api.js").Api;
type SelectTool = import("./tools/select/index.js").SelectTool;
type Pen = import("./render/pen.js").Pen;
type Raster = import("./render/raster.js").Raster;
type Ink = { color: string; dash: number[] };
type Painter = (pen: Pen, shape: Shape) => void;
type ApiError = import("./sync/api.js").ApiError;
type Autosave = import("./sync/autosave.js").Autosave;
type LiveSocket = import("./sync/live_socket.js").LiveSocket;
type PredictionFeed = import("./sync/prediction_feed.js").PredictionFeed;
type Lease = import("./sync/lease.js").Lease;
type Pulses = import("./sync/pulses.js").Pulses;
type ModelChoice = import("./panels/model_choice.js").ModelChoice;
