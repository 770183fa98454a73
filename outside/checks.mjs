// What the scripts beside this one share: steps with a deadline, and one line of JSON at the end.

const STEP_MILLIS = 15_000;

export function assert(condition, message) {
  if (!condition) throw new Error(message);
}

// The promise's value, or an error that names `what` when it does not come in time.
export async function within(what, promise, millis = STEP_MILLIS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing in ${millis} ms`)), millis);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Runs main(), prints {"ok":true,...its result} or {"ok":false,"error":...}, exits with 0 or 1;
// with 2 when an argument is missing.
export async function run(usage, needed, main) {
  const args = process.argv.slice(2);
  if (args.length < needed) {
    console.error(`usage: ${usage}`);
    process.exit(2);
  }
  try {
    console.log(JSON.stringify({ ok: true, ...(await main(...args)) }));
    process.exit(0);
  } catch (e) {
    console.log(JSON.stringify({ ok: false, error: e.message }));
    process.exit(1);
  }
}
