/* Types shared by the pages' modules. Ambient: nothing imports this file, tsc reads it. */

type Topic = "task" | "item" | "project" | "job" | "queue" | "thread" | "person";

/** What the live socket sends. Fields beyond these belong to the frame's type. */
interface Frame {
  type: string;
  topic?: Topic;
  id?: string;
  seq?: number;
  [field: string]: unknown;
}

interface Subscription {
  /** Called with each frame of the topic, in order, each once. */
  onFrame: (frame: Frame) => void;
  /** Called when what was missed cannot be replayed: read the resource again. */
  onResync?: () => void;
  /** Called when the topic is unknown to this person; nothing more will come. */
  onRefused?: () => void;
  /** The last sequence number already known; null asks for the present only. */
  after?: number | null;
}

type SocketState = "connecting" | "open" | "waiting" | "closed";

/** The part of WebSocket that LiveSocket uses, so that tests can hand in their own. */
interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

interface Job {
  id: string;
  kind?: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  progress?: { done: number; total: number | null; rate?: number | null; eta_s?: number | null };
  error?: { code: string; message: string } | null;
}

/** A controller gives an element its behaviour; what it returns, if anything, takes it away again. */
type Controller = (element: HTMLElement) => void | (() => void);

/** One stage's numbers in a `stage.counts` frame. */
interface StageCounts {
  stage: string;
  [count: string]: string | number;
}

interface RecipeAttribute {
  name: string;
  title: string;
  type: "select" | "checkbox" | "text" | "number";
  options: string[];
  required: boolean;
  default: string | number | boolean | null;
}

interface RecipeLabel {
  id?: string;
  name: string;
  title: string;
  color: number;
  key: string;
  geometry: string[];
  attributes: RecipeAttribute[];
}

interface RecipeProblem {
  index: number;
  /** "title", "key", "geometry" or "attributes.<number>" */
  field: string;
  message: string;
}

/** What the server found of one kind. */
interface Found {
  kind: string;
  title: string;
  icon: string;
  hits: { title: string; meta: string; url: string }[];
}

interface GraphStage {
  key: string;
  kind: string;
  title: string;
  settings: Record<string, any>;
}

interface GraphEdge {
  from: string;
  to: string;
  outcome: string;
}

/** A pipeline as it is drawn; never changed, only replaced. */
interface GraphValue {
  stages: GraphStage[];
  edges: GraphEdge[];
}

interface GraphFault {
  stage: string | null;
  message: string;
  field: string | null;
}

interface Spot {
  x: number;
  y: number;
}

interface GraphLayout {
  width: number;
  height: number;
  box: [number, number, number, number];
  spots: Spot[];
  ways: { points: [number, number][]; words: string; at: [number, number] | null }[];
}

/** What the server says of a graph, in the order of its stages and edges. */
interface GraphCheck {
  faults: GraphFault[];
  units: (string | null)[];
  layout: GraphLayout;
  version?: number | null;
}

/** One kind of stage in the palette. */
interface GraphKind {
  kind: string;
  title: string;
  icon: string;
  about: string;
  human: boolean;
  /** Why it cannot be added yet; empty where it can. */
  reserved: string;
}

interface Offer {
  value: string;
  title: string;
  state?: string;
  options?: string[];
  attributes?: Offer[];
}

/** What the page of the graph editor embeds. */
interface GraphDrawing {
  graph: GraphValue;
  check: GraphCheck;
  version: number;
  kinds: GraphKind[];
  outcomes: Record<string, string>;
  deployments: Offer[];
  labels: Offer[];
}

// Said here because a comment of a module that names another is read as an import of it when files are hashed.
type GraphEditor = import("./graph/editor.js").GraphEditor;
type GraphViewport = import("./graph/viewport.js").Viewport;
