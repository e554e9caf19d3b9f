/** Reads the page, builds the parts and joins them. The only module that knows URLs. */
import { run } from "./commands/index.js";
import { Editor } from "./editor.js";
import { bindKeyboard } from "./input/keyboard.js";
import { PointerInput } from "./input/pointer.js";
import { bindAnnouncer } from "./panels/announcer.js";
import { AssistBar } from "./panels/assist_bar.js";
import { AttributePanel } from "./panels/attribute_panel.js";
import { bindControls } from "./panels/controls.js";
import { bindDialogs, showKeys, showReturn, showSkip } from "./panels/dialogs.js";
import { byId } from "./panels/dom.js";
import { LabelList } from "./panels/label_list.js";
import { ModelChoice } from "./panels/model_choice.js";
import { ModelPanel } from "./panels/model_panel.js";
import { Notes } from "./panels/notes.js";
import { QuestionPanel } from "./panels/question_panel.js";
import { Questions } from "./panels/questions.js";
import { fixReason } from "./panels/reasons.js";
import { bindReviewPanel } from "./panels/review_panel.js";
import { ShapeList } from "./panels/shape_list.js";
import { bindStatusBar } from "./panels/status_bar.js";
import { Toast } from "./panels/toast.js";
import { Renderer } from "./render/renderer.js";
import { Api } from "./sync/api.js";
import { ask } from "./sync/ask.js";
import { Autosave } from "./sync/autosave.js";
import { openLog } from "./sync/draft_log.js";
import { Lease } from "./sync/lease.js";
import { LiveSocket } from "./sync/live_socket.js";
import { PredictionFeed } from "./sync/prediction_feed.js";
import { Pulses } from "./sync/pulses.js";
import { Session } from "./sync/session.js";

const page = byId("editor").dataset;
const paths = {
  task: (/** @type {string} */ id) => `/tasks/${id}`,
  draft: (/** @type {string} */ id) => `/tasks/${id}/draft`,
  lease: (/** @type {string} */ id) => `/tasks/${id}/lease`,
  submission: (/** @type {string} */ id) => `/tasks/${id}/submission`,
  skip: (/** @type {string} */ id) => `/tasks/${id}/skip`,
  verdict: (/** @type {string} */ id) => `/tasks/${id}/verdict`,
  assist: (/** @type {string} */ id) => `/tasks/${id}/assist`,
  pulses: (/** @type {string} */ id) => `/tasks/${id}/pulses`,
  thread: (/** @type {string} */ id) => `/tasks/${id}/thread`,
  claims: (/** @type {string} */ project) => `/projects/${project}/claims`,
  predictions: (/** @type {string} */ item) => `/items/${item}/predictions`,
};

/** The cookie follows a sign-in in another tab; the page's own token is that of its first sign-in. */
function csrf() {
  const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
}

/** @param {Editor} editor */
async function joined(editor) {
  const api = new Api({ base: page.api ?? "", csrf });
  const log = await openLog(`tessera-drafts:${page.user}:${page.org}`);
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new LiveSocket(() => new WebSocket(`${scheme}//${location.host}${page.socket}`));
  const autosave = new Autosave(log, (task, body) => api.request("PATCH", paths.draft(task), body));
  const pulses = new Pulses(editor.suggestions, (task, body) => api.request("POST", paths.pulses(task), body));
  const extend = (/** @type {string} */ task, /** @type {string} */ token) =>
    api.request("PUT", paths.lease(task), undefined, { "Lease-Token": token });
  const lease = new Lease(api, extend, () => pulses.idleFor());
  const feed = new PredictionFeed(editor, socket, (item) => api.get(paths.predictions(item)));
  const session = new Session({ editor, api, paths, log, autosave, socket, feed, lease, pulses });
  addEventListener("online", () => session.wake());
  addEventListener("pagehide", () => {
    void session.parting.settle();
    session.claims.release();
  });
  document.addEventListener("visibilitychange", () => autosave.wake());
  return session;
}

/** @param {Editor} editor */
function painted(editor) {
  const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (byId(id));
  const canvases = {
    picture: canvas("canvas-picture"),
    shapes: canvas("canvas-shapes"),
    suggestions: canvas("canvas-suggestions"),
    live: canvas("canvas"),
  };
  const renderer = new Renderer(editor, canvases);
  const pointer = new PointerInput(editor, canvases.live);
  const measure = () => {
    const box = byId("stage").getBoundingClientRect();
    if (!box.width || !box.height) return;
    pointer.place(box);
    renderer.resize({ width: box.width, height: box.height });
  };
  const ground = () => renderer.setGround(getComputedStyle(byId("stage")).backgroundColor);
  new ResizeObserver(measure).observe(byId("stage"));
  addEventListener("scroll", measure, { passive: true });
  addEventListener("themechange", ground);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ground);
  editor.on("task", () => {
    measure();
    editor.fit();
  });
  ground();
  return renderer;
}

/** Another task is another page, without loading one. @param {Session} session */
function keepAddress(session) {
  const addressOf = (/** @type {string} */ id) => `${page.work}${id}`;
  session.on("opened", ({ id }) => {
    if (location.pathname.replace(/\/$/, "") !== addressOf(id)) history.pushState({ task: id }, "", addressOf(id));
  });
  addEventListener("popstate", () => void session.visit(location.pathname.split("/").filter(Boolean).at(-1) ?? ""));
}

/** @param {Editor} editor @param {Parts} parts @param {string} threads the address of tasks' threads */
function asked(editor, { api, socket }, threads) {
  return new Questions(editor, socket, {
    page: (task) => `${threads}${task}/thread`,
    read: (task) => api.get(paths.thread(task)),
  });
}

async function start() {
  /** @type {Flow} */
  const flow = {
    submit: () => void (notes.findsGap() || session.submit()),
    skip: () => showSkip(editor),
    ask: () => void ask(session.parts, choice.asked()),
    accept: () => void ((!editor.readOnly && notes.findsGap()) || session.accept(fixReason())),
    fix: () => session.fix(),
    giveBack: showReturn,
    keys: () => showKeys(editor),
    isFree: () => !session.busy,
    mayTakeBack: () => session.parting.task !== undefined && !session.busy,
    takeBack: () => void session.takeBack(),
    search: () => byId("question-search").focus(),
    questions: () => questions?.open(),
    say: (text, undo) => toast.say(text, undo),
  };
  const editor = new Editor(flow);
  const toast = new Toast(editor);
  const session = await joined(editor);
  const renderer = painted(editor);
  session.claims.on("ahead", (task) => renderer.prepare(task));
  const choice = new ModelChoice(editor);
  const notes = new Notes(editor, session);
  session.on("passed", (words) => toast.say(`Answered “${words}”. The next object is here.`, () => void session.takeBack()));
  bindAnnouncer(editor);
  bindControls(editor, session);
  bindDialogs(editor, session);
  bindReviewPanel(editor);
  bindStatusBar(editor, session.parts);
  bindKeyboard(editor, byId("canvas"));
  const questions = page.threads ? asked(editor, session.parts, page.threads) : null;
  new AssistBar(editor);
  new ModelPanel(editor, session.parts.socket, choice);
  new LabelList(editor);
  new AttributePanel(editor);
  new QuestionPanel(editor, session);
  new ShapeList(editor);
  byId("reject").addEventListener("click", () => run(editor, "remove"));
  keepAddress(session);
  session.parts.pulses.start();
  session.parts.socket.open();
  await session.start(page.task ?? "");
}

void start();
