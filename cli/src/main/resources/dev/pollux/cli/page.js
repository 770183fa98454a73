// The page: a WebSocket to talk by, and another one that brings the figures.

const $ = (id) => document.getElementById(id);
const MAX_LOG_ENTRIES = 300;
const MAX_SHOWN_CHARS = 300;

// ---- Talking ------------------------------------------------------------------------------------

const PATHS = {
  "/echo": "Every message comes back as it is.",
  "/offload":
    "Each message is answered after 500 ms of blocking I/O on the loop itself: whoever shares that " +
    "loop has to wait, these figures too if they come over it.",
  "/offload?offload": "The same blocking I/O, handed to another thread: the loop goes on serving.",
};

let socket = null;
// When each message was sent that has not been answered: answers come in the order of messages.
let unanswered = [];
let burst = null;
// What waits until the server has been asked what asking costs.
let unsent = [];

const base = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
$("url").value = `${base}/echo`;
$("path-hint").textContent = PATHS["/echo"];

for (const choice of document.querySelectorAll("input[name=path]")) {
  choice.addEventListener("change", () => {
    $("url").value = base + choice.value;
    $("path-hint").textContent = PATHS[choice.value];
    // A thousand blocking answers, one after another, take minutes.
    $("burst-size").value = choice.value === "/echo" ? "1000" : "10";
  });
}

$("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  connect($("url").value.trim());
});
$("disconnect").addEventListener("click", () => socket?.close(1000, "bye"));
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (isOpen()) sendText($("message").value);
  $("message").select();
});
$("send-binary").addEventListener("click", sendBinary);
$("burst").addEventListener("click", () => sendBurst(Number($("burst-size").value)));
$("clear").addEventListener("click", () => $("log").replaceChildren());

function connect(url) {
  let opened;
  try {
    opened = new WebSocket(url);
  } catch (e) {
    log("event bad", `not an address for a WebSocket: ${url}`);
    return;
  }
  const begin = performance.now();
  let everOpen = false;
  socket = opened;
  socket.binaryType = "arraybuffer";
  unanswered = [];
  unsent = [];
  burst = null;
  enable("connecting");
  opened.addEventListener("open", () => {
    everOpen = true;
    enable("open");
    log("event", `connected to ${url}`, millisSince(begin));
    $("message").focus({ preventScroll: true });
  });
  opened.addEventListener("message", (event) => receive(event.data));
  opened.addEventListener("close", (event) => {
    enable("closed");
    const why = event.reason ? `: ${event.reason}` : "";
    if (everOpen) log(event.code === 1000 ? "event" : "event bad", `closed with ${event.code}${why}`);
    else log("event bad", `no WebSocket at ${url}`);
  });
}

function isOpen() {
  return socket?.readyState === WebSocket.OPEN;
}

function enable(state) {
  $("connect").disabled = state !== "closed";
  $("disconnect").disabled = state === "closed";
  for (const id of ["send", "send-binary", "burst"]) $(id).disabled = state !== "open";
}

function sendText(text) {
  sendOne(text, text);
}

// Sends one message, and lets the server tell what it cost where nothing else is under way.
async function sendOne(data, shown) {
  const to = socket;
  unsent.push({ data, shown });
  if (unsent.length > 1) return;
  if (unanswered.length === 0 && burst === null) await beginMeasuring();
  if (to === socket) flushUnsent();
}

function flushUnsent() {
  const waiting = unsent;
  unsent = [];
  if (!isOpen()) return;
  for (const { data, shown } of waiting) {
    socket.send(data);
    unanswered.push(performance.now());
    log("sent", shown);
  }
}

function sendBinary() {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  sendOne(bytes, describe(bytes.buffer));
}

function sendBurst(size) {
  flushUnsent();
  burst = { size, left: size + unanswered.length, begin: performance.now() };
  $("burst").disabled = true;
  const text = $("message").value;
  log("event", `sending ${count(size)} messages at once …`);
  for (let i = 0; i < size; i++) {
    socket.send(text);
    unanswered.push(burst.begin);
  }
}

function receive(data) {
  const sentAt = unanswered.shift();
  if (unanswered.length === 0) endMeasuring();
  if (burst === null) {
    log("received", describe(data), sentAt === undefined ? "" : millisSince(sentAt));
    return;
  }
  if (--burst.left > 0) return;
  const seconds = (performance.now() - burst.begin) / 1000;
  log(
    "event",
    `${count(burst.size)} there and back: ${count(burst.size / seconds)} a second`,
    `${count(seconds * 1000)} ms`,
  );
  burst = null;
  $("burst").disabled = !isOpen();
}

function describe(data) {
  if (typeof data === "string") return data;
  const bytes = new Uint8Array(data);
  const start = Array.from(bytes.subarray(0, 8), (b) => b.toString(16).padStart(2, "0")).join(" ");
  return `${count(bytes.length)} bytes: ${start}${bytes.length > 8 ? " …" : ""}`;
}

const SIGNS = { sent: ["↑", "sent"], received: ["↓", "received"], event: ["·", ""] };

function log(kind, what, took = "") {
  const list = $("log");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const entry = document.createElement("li");
  entry.className = kind;
  const [sign, word] = SIGNS[kind.split(" ")[0]];
  const time = element("time", "", new Date().toTimeString().slice(0, 8));
  const arrow = element("span", "sign", sign);
  if (word) arrow.setAttribute("aria-label", word);
  else arrow.setAttribute("aria-hidden", "true");
  const shown = what.length > MAX_SHOWN_CHARS ? `${what.slice(0, MAX_SHOWN_CHARS)}…` : what;
  entry.append(time, arrow, element("span", "what", shown), element("span", "took", took));
  list.append(entry);
  while (list.childElementCount > MAX_LOG_ENTRIES) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function millisSince(begin) {
  const millis = performance.now() - begin;
  return `${millis < 10 ? millis.toFixed(1) : Math.round(millis)} ms`;
}

// ---- Watching -----------------------------------------------------------------------------------

const THREAD = {
  blocking:
    "Each client has a thread of its own, blocked in recv() until that client sends; one more is " +
    "blocked in accept().",
  nonblocking:
    "The thread never waits: it calls recv() on every socket in turn, gets EAGAIN, and goes on to the " +
    "next. With nothing to do it burns a whole CPU.",
  select:
    "The thread is blocked in select() until a descriptor of its bitmap is ready; for each call the " +
    "bitmap is rebuilt, and the kernel and the thread scan all of it. At most 1,024.",
  poll:
    "The thread is blocked in poll() until a descriptor of its array is ready; each call hands the " +
    "whole array over, however few are ready.",
  epoll:
    "The thread is blocked in epoll_wait() until the kernel puts a descriptor on the ready list; " +
    "those that are silent cost nothing.",
  "epoll-et":
    "The thread is blocked in epoll_wait() until something changes: told once, it reads until EAGAIN.",
  io_uring:
    "The thread is blocked in io_uring_enter(), which submits what is to be done and waits for what is " +
    "done. The IORING_OP_ rows are no calls: the kernel did those by itself.",
  virtual:
    "A virtual thread per client. Its descriptor does not block: on EAGAIN it is parked, and epoll tells when it can go on. Handlers may block.",
  nio:
    "The thread is blocked in the JDK's Selector, which is epoll on Linux and something else elsewhere; no call of ours.",
  auto: "The best model that works here was taken.",
};

const STALLED_MILLIS = 1500;
const RECONNECT_MILLIS = 2000;
const POINTS = 120;
const rates = { message: [], call: [] };
let latestAt = 0;
let figures = null;

function watch() {
  const opened = new WebSocket(`${base}/stats`);
  figures = opened;
  opened.addEventListener("message", (event) => {
    latestAt = performance.now();
    const told = JSON.parse(event.data);
    if ("systemCalls" in told) show(told);
    else answered(told);
    pulse();
  });
  opened.addEventListener("close", () => {
    latestAt = 0;
    answered(null);
    pulse();
    setTimeout(watch, RECONNECT_MILLIS);
  });
}

function pulse() {
  const silence = performance.now() - latestAt;
  let [style, text] = ["live", "live"];
  if (latestAt === 0) [style, text] = ["stalled", "no connection to the server"];
  else if (silence > STALLED_MILLIS) {
    [style, text] = ["stalled", `no figures for ${(silence / 1000).toFixed(0)} s: is their loop blocked?`];
  }
  const place = $("pulse");
  place.className = `pulse ${style}`;
  // A status that is set again is read out again.
  if (place.textContent !== text) place.textContent = text;
}

// What a message costs: the server reads its ledger when it is asked to, three times. Between the first
// two there is nothing but the asking, which it takes from what was between the last two.
const ASKING_MILLIS = 500;
let asked = null;
let measuring = false;

// The server's answer, or null if there is none soon.
function ask(word) {
  if (figures?.readyState !== WebSocket.OPEN || asked !== null) return Promise.resolve(null);
  return new Promise((resolve) => {
    asked = resolve;
    setTimeout(() => {
      if (asked === resolve) answered(null);
    }, ASKING_MILLIS);
    figures.send(word);
  });
}

function answered(told) {
  const waiting = asked;
  asked = null;
  waiting?.(told);
}

async function beginMeasuring() {
  measuring = (await ask("quiet")) !== null && (await firstMark()) !== null && (await ask("mark")) !== null;
}

// Mark 0 is none yet: the server is still at what was before.
async function firstMark() {
  let told = await ask("mark");
  while (told?.mark === 0) told = await ask("mark");
  return told;
}

async function endMeasuring() {
  if (!measuring) return;
  measuring = false;
  const told = await ask("mark");
  if (told?.lastMessage) showCost(told.lastMessage);
}

// Stays until there is another one: it is of a message, not of a time.
let costs = null;

function showCost({ calls, messages, byName, why }) {
  if (why !== undefined) {
    // What was found out before is still true.
    if (costs === null) set("calls-span", `not measured: ${why}`);
    return;
  }
  costs = new Map(byName.map(({ name, perMessage }) => [name, perMessage]));
  set("calls-per-message", callsOf(calls));
  set("calls-span", messages === 1 ? "for the last message" : `each, of ${count(messages)} messages`);
}

function callsOf(value) {
  return Number.isInteger(value) ? count(value) : figure(value);
}

// So many that the calls for these figures do not count beside theirs.
const MANY_MESSAGES = 200;

function showAverage(f) {
  const messages = f.messages.inPerSecond * f.intervalSeconds;
  if (messages < MANY_MESSAGES || f.model === "nio") return;
  costs = new Map(f.systemCalls.byName.map(({ name, perMessage }) => [name, perMessage]));
  set("calls-per-message", callsOf(f.systemCalls.perMessage));
  set("calls-span", `each, of ${count(messages)} messages`);
}

function show(f) {
  const calls = f.systemCalls;
  set("model", f.model);
  set("loops", count(f.loops));
  set("loops-word", f.model === "blocking" ? "acceptor" : f.loops === 1 ? "loop" : "loops");
  set("uptime", duration(f.uptimeSeconds));
  set("thread", THREAD[f.model] ?? "");
  set("why", f.whyThisModel === undefined ? "" : `Taken by auto: ${f.whyThisModel}.`);
  showNow(f.now);
  set("connections", count(f.connections));
  set("viewers", f.viewers === 1 ? "and this page's figures" : `and ${count(f.viewers)} that watch`);
  set("messages", count(f.messages.in));
  set("messages-out", count(f.messages.out));
  set("cpu", `${f.cpu.percent.toFixed(1)} %`);
  const micros = f.cpu.microsPerMessage;
  set("cpu-per-message", micros === null ? "of one core" : `${figure(micros)} µs a message`);
  showAverage(f);
  if (costs === null) set("calls-span", f.model === "nio" ? "made by the JDK, not counted" : "none measured yet");
  set("message-rate", count(f.messages.inPerSecond));
  set("call-rate", count(calls.perSecond));
  set("would-block", count(f.wouldBlock.total));
  set("wakeups", count(f.wakeups.total));
  set("threads", count(f.threads));
  set("heap", `${(f.heapBytes / 2 ** 20).toFixed(1)} MiB`);
  showCalls(calls.byName);
  if (f.intervalSeconds > 0) {
    draw("message", f.messages.inPerSecond);
    draw("call", calls.perSecond);
  }
}

const ROLES = { loop: "loop", acceptor: "acceptor", client: "client thread", offload: "offload thread" };

function showNow(groups) {
  const items = groups.map(({ role, doing, threads }) => {
    const item = document.createElement("li");
    if (doing === "running") item.className = "busy";
    const who = `${threads > 1 ? `${count(threads)} × ` : ""}${ROLES[role]} `;
    const idle = doing === "futex" && role === "offload";
    item.append(who, element("code", "", idle ? "idle" : doing === "running" ? doing : `${doing}()`));
    return item;
  });
  $("now").replaceChildren(...items);
}

// What a server does before it serves; one row for all of them once it has been done.
const SETTING_UP = new Set(
  ("socket bind listen getsockname getsockopt setsockopt eventfd epoll_create1 fcntl pipe2 " +
    "getrlimit").split(" "),
);

function showCalls(byName) {
  const isPast = (call) => call.perSecond === 0 && SETTING_UP.has(call.name);
  const rows = byName
    .filter((call) => !isPast(call))
    .toSorted((a, b) => b.total - a.total)
    .map((call) => callRow(call.name, call, costs === null ? "–" : callsOf(costs.get(call.name) ?? 0)));
  const past = byName.filter(isPast);
  if (past.length > 0) {
    const total = past.reduce((sum, call) => sum + call.total, 0);
    const names = `to set up: ${past.map((call) => call.name).join(", ")}`;
    const row = callRow(names, { total, perSecond: 0 }, "");
    row.firstElementChild.className = "several";
    rows.push(row);
  }
  $("calls").replaceChildren(...rows);
}

function callRow(name, { total, perSecond }, perMessage) {
  const row = document.createElement("tr");
  if (perSecond === 0) row.className = "idle";
  const head = element("th", "", name);
  head.scope = "row";
  const cells = [count(total), count(perSecond), perMessage];
  row.append(head, ...cells.map((text) => element("td", "", text)));
  return row;
}

function draw(name, value) {
  const values = rates[name];
  values.push(value);
  if (values.length > POINTS) values.shift();
  const top = Math.max(...values, 1);
  const left = POINTS - values.length;
  const points = values.map((v, i) => `${left + i} ${(38 - (v / top) * 36).toFixed(1)}`);
  const [area, line] = $(`${name}-chart`).children;
  line.setAttribute("d", `M${points.join("L")}`);
  area.setAttribute("d", `M${left} 40L${points.join("L")}L${POINTS - 1} 40Z`);
}

function set(id, text) {
  const place = $(id);
  if (place.textContent !== text) place.textContent = text;
}

function element(tag, style, text) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  made.textContent = text;
  return made;
}

function count(value) {
  return Math.round(value).toLocaleString("en-US");
}

// Three digits that say something.
function figure(value) {
  if (value >= 100) return count(value);
  if (value > 0 && value < 0.005) return "< 0.01";
  return value.toFixed(value >= 10 ? 1 : 2);
}

function duration(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

watch();
setInterval(pulse, 500);
