const KEPT = 300;

/**
 * The journal of a task in this browser: one entry a gesture, written before anything is sent, kept until the task is
 * submitted. The database is the person's and the organization's own, so that signing out can wipe it by name.
 * @implements {Log}
 */
export class DraftLog {
  /** @type {Promise<IDBDatabase>} */
  #database;

  /** @param {string} name */
  constructor(name) {
    this.#database = opened(name);
  }

  /** @param {LogEntry} entry */
  async append(entry) {
    const store = await this.#store("readwrite", "gestures");
    return /** @type {number} */ (await answered(store.add(entry)));
  }

  /** @param {string} task @param {number[]} keys @param {number} revision */
  async markSent(task, keys, revision) {
    const database = await this.#database;
    const change = database.transaction(["sent", "revisions"], "readwrite", { durability: "relaxed" });
    for (const key of keys) change.objectStore("sent").put(true, key);
    change.objectStore("revisions").put(revision, task);
  }

  /** @param {string} task @returns {Promise<Journal>} */
  async read(task) {
    const database = await this.#database;
    const reading = database.transaction(["gestures", "sent", "revisions"]);
    const [entries, sent, revision] = await Promise.all([
      answered(reading.objectStore("gestures").index("task").getAll(task)),
      answered(reading.objectStore("sent").getAllKeys()),
      answered(reading.objectStore("revisions").get(task)),
    ]);
    const known = new Set(sent);
    const marked = entries.map((entry) => ({ ...entry, isSent: known.has(entry.key) }));
    if (marked.length > 2 * KEPT) await this.#trim(marked.slice(0, -KEPT).filter(({ isSent }) => isSent));
    return { entries: marked, revision: revision ?? 0 };
  }

  /** @param {string} task */
  async forget(task) {
    const { entries } = await this.read(task);
    await this.#trim(entries);
    const store = await this.#store("readwrite", "revisions");
    store.delete(task);
  }

  /** @param {{key?: number}[]} entries */
  async #trim(entries) {
    const database = await this.#database;
    const change = database.transaction(["gestures", "sent"], "readwrite");
    for (const { key } of entries) {
      if (key === undefined) continue;
      change.objectStore("gestures").delete(key);
      change.objectStore("sent").delete(key);
    }
  }

  /** @param {IDBTransactionMode} mode @param {string} name */
  async #store(mode, name) {
    const database = await this.#database;
    return database.transaction(name, mode, { durability: "relaxed" }).objectStore(name);
  }
}

/** Stands in where the browser keeps nothing, as in some private windows. @implements {Log} */
export class MemoryLog {
  /** @type {(LogEntry & {key: number, isSent: boolean})[]} */
  #entries = [];
  /** @type {Map<string, number>} */
  #revisions = new Map();
  #last = 0;

  /** @param {LogEntry} entry */
  async append(entry) {
    this.#entries.push({ ...entry, key: ++this.#last, isSent: false });
    return this.#last;
  }

  /** @param {string} task @param {number[]} keys @param {number} revision */
  async markSent(task, keys, revision) {
    for (const entry of this.#entries) if (keys.includes(entry.key)) entry.isSent = true;
    this.#revisions.set(task, revision);
  }

  /** @param {string} task */
  async read(task) {
    const entries = this.#entries.filter((entry) => entry.task === task);
    return { entries, revision: this.#revisions.get(task) ?? 0 };
  }

  /** @param {string} task */
  async forget(task) {
    this.#entries = this.#entries.filter((entry) => entry.task !== task);
    this.#revisions.delete(task);
  }
}

/** @param {string} name @returns {Promise<Log>} */
export async function openLog(name) {
  const log = new DraftLog(name);
  return log.read("").then(
    () => log,
    () => new MemoryLog(),
  );
}

/** @param {string} name @returns {Promise<IDBDatabase>} */
function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("gestures", { keyPath: "key", autoIncrement: true }).createIndex("task", "task");
      request.result.createObjectStore("sent");
      request.result.createObjectStore("revisions");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
