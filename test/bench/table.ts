/** Markdown, the little that is needed of it. */

/** The first column is text, the others are figures. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|---|${head.slice(1).map(() => '---:|').join('')}`, ...rows.map(line)];
}

/** ms with one decimal below ten, whole ones above */
export function milliseconds(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}

export function days(count: number): string {
  return `${count.toFixed(0)} simulated ${count === 1 ? 'day' : 'days'}`;
}
