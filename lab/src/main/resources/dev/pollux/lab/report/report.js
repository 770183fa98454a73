"use strict";
// Makes the page from the report's JSON. Everything is put in as text, never as markup.

const report = JSON.parse(document.getElementById("report").textContent);
const root = document.documentElement;
const plots = [];

const WORDS = {
  HOLDS: "holds",
  HOLDS_IN_PART: "holds in part",
  DOES_NOT_HOLD_HERE: "does not hold here",
  NOT_MEASURED: "not measured",
};

const PLOT_HEIGHT = 270;
const WIDE_PLOT_HEIGHT = 340;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Numbers as the terminal has them: three significant digits, commas between thousands.
function number(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

const withUnit = (value, unit) => (unit ? `${number(value)} ${unit}` : number(value));

const KNOWN = ["blocking", "nonblocking", "select", "poll", "epoll", "epoll-et", "virtual", "io_uring", "nio"];
const others = [];

function colourName(series) {
  const model = KNOWN.find((word) => series === word);
  if (model) return `--c-${model}`;
  if (!others.includes(series)) others.push(series);
  return `--c-other-${others.indexOf(series) % 4}`;
}

const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

// Theme: the system's until the reader chooses.

const systemDark = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;

function applyTheme() {
  const dark = chosen === null ? systemDark.matches : chosen === "dark";
  root.dataset.theme = dark ? "dark" : "light";
  document.getElementById("theme").textContent = dark ? "Light" : "Dark";
  for (const plot of plots) plot.redraw(false);
}

document.getElementById("theme").addEventListener("click", () => {
  chosen = root.dataset.theme === "dark" ? "light" : "dark";
  applyTheme();
});
systemDark.addEventListener("change", applyTheme);
// Paper is white.
let before = null;
addEventListener("beforeprint", () => {
  before = chosen;
  chosen = "light";
  applyTheme();
  for (const details of document.querySelectorAll("details")) details.open = true;
});
addEventListener("afterprint", () => {
  chosen = before;
  applyTheme();
});

// The head of the page

function head() {
  const lead = document.getElementById("lead");
  const when = new Date(report.started).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  lead.append(
    `${report.machine.processor}, ${report.machine.processors} processors, ${report.machine.kernel}. ${when}, ${minutes(report.seconds)}.`,
  );
  if (report.effort !== "FULL") {
    lead.append(" ", element("span", { class: "warn" }, "A quick run: the JVM was not warmed up and had its first compiler only, so the values are too high; the shapes are right."));
  }
  if (report.interrupted) {
    lead.append(" ", element("span", { class: "warn" }, "The run was interrupted: this is what was measured until then."));
  }
  const list = document.getElementById("verdicts");
  for (const entry of report.experiments) {
    list.append(
      element(
        "li",
        {},
        element("a", { href: `#${entry.name}` }, entry.title),
        element("span", { class: `badge ${entry.verdict.outcome}` }, WORDS[entry.verdict.outcome]),
        element("p", {}, entry.verdict.sentence),
      ),
    );
  }
}

function minutes(seconds) {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${number(seconds / 60)} min`;
}

// One experiment

function experiment(entry) {
  const finding = entry.finding;
  const verdict = element("p", { class: `verdict ${entry.verdict.outcome}` });
  verdict.append(element("b", {}, `${WORDS[entry.verdict.outcome]}.`), " ", entry.verdict.sentence);
  const section = element(
    "section",
    { id: entry.name },
    element("h2", {}, entry.title),
    element("p", { class: "question" }, entry.question),
    element("p", { class: "claim" }, entry.claim),
    verdict,
  );
  const shown = element("div", { class: "plots" });
  section.append(shown);
  document.getElementById("experiments").append(section);
  const drawn = finding.plots.filter((plot) => plot.series.length > 0);
  const small = drawn.length - 1 + finding.bars.length;
  drawn.forEach((plot, i) => {
    // One plot leads; an odd one out gets the whole width as well.
    const wide = i === 0 && (drawn.length + finding.bars.length) % 2 === 1;
    shown.append(plotFigure(plot, wide));
  });
  for (const bars of finding.bars) if (bars.bars.length > 0) shown.append(barFigure(bars, small < 0));
  for (const table of finding.tables) if (table.rows.length > 0) shown.append(tableFigure(table));
  const failures = finding.failures.map(({ what, reason }) => `${what}: not measured: ${reason}`);
  const remarks = [...failures, ...finding.remarks];
  if (remarks.length > 0) {
    section.append(element("ul", { class: "remarks" }, ...remarks.map((text) => element("li", {}, text))));
  }
  const how = element("div", { class: "how" });
  if (finding.figures.length > 0) how.append(figures(finding.figures));
  const method = element("details", {}, element("summary", {}, "How it was measured, and the rule of the verdict"));
  method.append(
    element("p", {}, entry.method),
    element("p", {}, element("b", {}, "Rule. "), entry.rule),
    element("p", {}, `Measured in ${minutes(entry.seconds)}. Again: `, element("code", {}, `pollux lab --only ${entry.name}`)),
  );
  how.append(method);
  section.append(how);
}

function figures(all) {
  const rows = all.map((figure) =>
    element("tr", {}, element("th", { scope: "row" }, figure.label), element("td", {}, withUnit(figure.value, figure.unit))),
  );
  return element(
    "details",
    {},
    element("summary", {}, "The figures that it comes to"),
    element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...rows))),
  );
}

function modelCell(name) {
  return element("th", { scope: "row" }, element("span", { class: "model" }, name));
}

function tableFigure(table) {
  const headCells = table.columns.map((column) => element("th", { scope: "col" }, column));
  const rows = table.rows.map((row) =>
    element(
      "tr",
      {},
      modelCell(String(row[0])),
      ...row.slice(1).map((cell) =>
        typeof cell === "string" ? element("td", { class: "text" }, cell) : element("td", {}, number(cell)),
      ),
    ),
  );
  const isText = (i) => table.rows.some((row) => typeof row[i] === "string");
  headCells.forEach((cell, i) => {
    if (isText(i)) cell.style.textAlign = "left";
  });
  return element(
    "figure",
    { class: "wide" },
    element("figcaption", {}, table.title),
    element(
      "div",
      { class: "scroll" },
      element("table", {}, element("thead", {}, element("tr", {}, ...headCells)), element("tbody", {}, ...rows)),
    ),
  );
}

function axisNote(axis) {
  return (axis.unit ? `${axis.label}, ${axis.unit}` : axis.label) + (axis.log ? " (logarithmic)" : "");
}

// Bars: a list that is readable without its colours

function barFigure(bars, alone) {
  const list = element("dl", { class: "bars" });
  const values = bars.bars.map((bar) => bar.value);
  const most = Math.max(...values, 0);
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive) / 2;
  const share = (value) => {
    if (value <= 0 || most <= 0) return 0;
    if (!bars.y.log) return value / most;
    return most === least ? 1 : Math.log(value / least) / Math.log(most / least);
  };
  for (const bar of bars.bars) {
    const fill = element("i");
    fill.style.width = `${100 * share(bar.value)}%`;
    fill.style.background = `var(${colourName(bar.name)})`;
    list.append(
      element("dt", {}, bar.name),
      element("dd", { class: "track" }, fill),
      element("dd", { class: "value" }, withUnit(bar.value, bars.y.unit)),
    );
  }
  return element(
    "figure",
    alone ? { class: "wide" } : {},
    element("figcaption", {}, bars.title, " ", element("small", {}, axisNote(bars.y))),
    list,
  );
}

// Plots

function plotFigure(plot, wide) {
  const xs = [...new Set(plot.series.flatMap((series) => series.points.map((point) => point.x)))].sort((a, b) => a - b);
  // A logarithm of zero cannot be drawn; the table has it.
  const drawable = (value, axis) => (axis.log && value <= 0 ? null : value);
  const data = [
    xs,
    ...plot.series.map((series) => {
      const at = new Map(series.points.map((point) => [point.x, point.y]));
      return xs.map((x) => (at.has(x) ? drawable(at.get(x), plot.y) : null));
    }),
  ];
  const holder = element("div", { class: "plot" });
  const tip = element("div", { class: "tip", hidden: "" });
  const legend = element("ul", { class: "legend" });
  const figure = element(
    "figure",
    wide ? { class: "wide" } : {},
    element("figcaption", {}, plot.title, " ", element("small", {}, axisNote(plot.y))),
    holder,
    legend,
    ...zeroNote(plot),
    pointsTable(plot, xs),
  );
  const height = wide ? WIDE_PLOT_HEIGHT : PLOT_HEIGHT;
  // Drawn when it has its place in the page, and so its width.
  requestAnimationFrame(() => {
    const chart = new uPlot(options(plot, data, holder.clientWidth, height, tip), data, holder);
    chart.over.append(tip);
    plots.push(chart);
    new ResizeObserver(() => {
      if (holder.clientWidth > 0 && holder.clientWidth !== chart.width) {
        chart.setSize({ width: holder.clientWidth, height });
      }
    }).observe(holder);
    plot.series.forEach((series, i) => legend.append(element("li", {}, legendButton(chart, series.name, i + 1))));
  });
  return figure;
}

// What a logarithmic axis has no place for.
function zeroNote(plot) {
  if (!plot.y.log) return [];
  const names = plot.series.filter((series) => series.points.some((point) => point.y <= 0)).map((series) => series.name);
  return names.length === 0
    ? []
    : [element("p", { class: "note" }, `0, for which a logarithmic axis has no place: ${names.join(", ")}`)];
}

function legendButton(chart, name, index) {
  const stroke = element("i");
  stroke.style.background = `var(${colourName(name)})`;
  const button = element("button", { type: "button", "aria-pressed": "true" }, stroke, name);
  button.addEventListener("click", () => {
    const show = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(show));
    chart.setSeries(index, { show });
  });
  const focus = (on) => chart.setSeries(on ? index : null, { focus: true });
  button.addEventListener("mouseenter", () => focus(true));
  button.addEventListener("mouseleave", () => focus(false));
  return button;
}

function range(axis, values) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  if (!axis.log) return [Math.min(0, least), most > 0 ? most * 1.08 : 1];
  return [least / 1.35, most * 1.35];
}

const SUPERSCRIPT = [..."⁰¹²³⁴⁵⁶⁷⁸⁹"];

function tick(value) {
  if (value === null) return "";
  if (value !== 0 && (value >= 1e6 || value < 1e-3)) {
    const exponent = Math.round(Math.log10(value));
    return `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[digit]).join("")}`;
  }
  return number(value);
}

// On a logarithmic axis the powers of ten are marked; where there are few, 2 and 5 times them too.
function logSplits(low, high) {
  const mantissas = Math.log10(high / low) < 2 ? [1, 2, 5] : [1];
  const splits = [];
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent++) {
    for (const mantissa of mantissas) {
      const value = Number((mantissa * 10 ** exponent).toPrecision(3));
      if (value >= low && value <= high) splits.push(value);
    }
  }
  return splits;
}

function options(plot, data, width, height, tip) {
  const values = data.slice(1).flat().filter((value) => value !== null);
  const xRange = plot.x.log
    ? range(plot.x, data[0])
    : [Math.min(0, ...data[0]), Math.max(...data[0]) * 1.03 || 1];
  const yRange = range(plot.y, values.length > 0 ? values : [1]);
  const axis = (of, scale, size) => ({
    scale,
    stroke: () => css("--soft"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: () => css("--line"), width: 1 },
    ticks: { show: false },
    size,
    ...(of.log ? { splits: (u, index, low, high) => logSplits(low, high) } : {}),
    values: (u, splits) => splits.map(tick),
  });
  const scale = (of, limits) => ({ time: false, distr: of.log ? 3 : 1, range: limits });
  return {
    width,
    height,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.2 },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
    scales: { x: scale(plot.x, xRange), y: scale(plot.y, yRange) },
    axes: [
      { ...axis(plot.x, "x", 34), label: axisNote(plot.x), labelSize: 16, labelFont: "12px system-ui, sans-serif" },
      axis(plot.y, "y", 58),
    ],
    series: [
      {},
      ...plot.series.map((series) => ({
        label: series.name,
        stroke: () => css(colourName(series.name)),
        width: 2,
        spanGaps: true,
        points: { show: true, size: 6, fill: () => css("--card") },
      })),
    ],
    hooks: { setCursor: [(u) => showTip(u, plot, tip)] },
  };
}

function showTip(u, plot, tip) {
  const { left, idx } = u.cursor;
  const at = idx === null || idx === undefined || left < 0 ? null : u.data[0][idx];
  if (at === null) {
    tip.hidden = true;
    return;
  }
  const rows = plot.series
    .map((series, i) => ({ name: series.name, value: u.data[i + 1][idx], show: u.series[i + 1].show }))
    .filter((row) => row.show && row.value !== null)
    .sort((a, b) => b.value - a.value);
  tip.hidden = rows.length === 0;
  tip.replaceChildren(
    element("div", {}, element("b", {}, withUnit(at, plot.x.unit)), plot.x.label),
    ...rows.map((row) => {
      const dot = element("i");
      dot.style.background = `var(${colourName(row.name)})`;
      return element("div", {}, element("span", {}, dot, row.name), withUnit(row.value, plot.y.unit));
    }),
  );
  const x = u.valToPos(at, "x");
  const before = x > u.over.clientWidth / 2;
  tip.style.left = before ? "" : `${x + 14}px`;
  tip.style.right = before ? `${u.over.clientWidth - x + 14}px` : "";
  tip.style.top = "8px";
}

function pointsTable(plot, xs) {
  const headRow = element(
    "tr",
    {},
    element("th", { scope: "col" }, plot.x.label),
    ...plot.series.map((series) => element("th", { scope: "col" }, element("span", { class: "model" }, series.name))),
  );
  const rows = xs.map((x) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, withUnit(x, plot.x.unit)),
      ...plot.series.map((series) => {
        const point = series.points.find((each) => each.x === x);
        return element("td", {}, point ? number(point.y) : "–");
      }),
    ),
  );
  return element(
    "details",
    {},
    element("summary", {}, `The values${plot.y.unit ? `, in ${plot.y.unit}` : ""}`),
    element("div", { class: "scroll" }, element("table", {}, element("thead", {}, headRow), element("tbody", {}, ...rows))),
  );
}

// What it was measured on

function machine() {
  const about = report.machine;
  const facts = [
    ["Processor", `${about.processor}, ${about.processors} for this process`],
    ["Memory", `${number(about.memoryBytes / 2 ** 30)} GiB`],
    ["Kernel", `${about.kernel}, ${about.architecture}`],
    ["JVM", about.jvm],
    ["Pollux", report.pollux],
    ["Descriptors", `${number(about.descriptorLimit)} for a process`],
    ["Models", report.models.join(", ")],
    ["Effort", report.effort === "FULL" ? "full" : "quick: not warmed up"],
  ];
  for (const [model, why] of Object.entries(report.unavailable)) facts.push([`Left out: ${model}`, why]);
  const list = document.getElementById("machine");
  for (const [name, value] of facts) list.append(element("dt", {}, name), element("dd", {}, value));
}

head();
report.experiments.forEach(experiment);
machine();
applyTheme();
