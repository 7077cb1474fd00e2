import { cellsOf, sampleOf } from '/work/wt-backup/test/drills/matrix/cells.js';
for (let seed = 1; seed < 400; seed++) {
  const cells = sampleOf(cellsOf(['backup']), { count: 6, seed });
  const killed = cells.filter((c) => c.disturbance === 'maintenance-worker').length;
  if (killed >= 4) { console.log(seed, killed, cells.map((c) => `${c.disturbance}@${c.step}`).join(' | ')); break; }
}
