const live = process.stderr.isTTY === true;

/** Shows one step of setting up: a line when it starts, its latest output on a terminal, a line when it ends. */
export async function showStep(title, work) {
  const startedMs = Date.now();
  process.stderr.write(live ? `  ${title} ...` : `  ${title} ...\n`);
  const onLine = (line) => {
    if (!live) return;
    const room = Math.max(20, (process.stderr.columns ?? 100) - title.length - 10);
    process.stderr.write(`\r\u001b[2K  ${title} ... ${line.trim().slice(0, room)}`);
  };
  try {
    const result = await work(onLine);
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    process.stderr.write(`${live ? "\r\u001b[2K" : ""}  ${title}: done in ${seconds} s\n`);
    return result;
  } catch (error) {
    process.stderr.write(live ? "\n" : "");
    throw error;
  }
}
