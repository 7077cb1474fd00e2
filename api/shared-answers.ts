/**
 * The same question, asked by many at once, is answered once: hundreds of readers must not slow down the bot, whose worker
 * answers the queries behind them, and must not wait for it when it is busy.
 *
 * Invariants
 * 1. An answer is shared for `ageMaxMs`; its `as_of` says of when it is. A failure is shared only with those who waited for it.
 * 2. While the next answer takes longer than `patienceMs`, a question in demand (asked again within `demandMs`) is answered
 *    with the last one, up to `lastMaxMs` old. A single reader who comes back after a while always gets a new one.
 * 3. Whoever commands reads the effect: a command makes all answers before it forgotten.
 * 4. Bounded: at most `entriesMax` questions.
 */
import { setTimeout as delay } from 'node:timers/promises';

interface Made<T> {
  value: T;
  /** monotonic ms */
  atMs: number;
}

interface Answer<T> {
  value: Promise<T>;
  /** undefined while it is being made */
  made: Made<T> | undefined;
  /** the one before it, when the question is in demand */
  last: Made<T> | undefined;
}

export interface SharedAnswersOptions {
  ageMaxMs: number;
  patienceMs: number;
  demandMs: number;
  lastMaxMs: number;
  entriesMax: number;
  /** monotonic, ms */
  elapsed(): number;
}

export class SharedAnswers<T> {
  private readonly answers = new Map<string, Answer<T>>();

  constructor(private readonly options: SharedAnswersOptions) {}

  to(question: string, produce: () => Promise<T>): Promise<T> {
    const known = this.answers.get(question);
    const counts = known !== undefined && (known.made === undefined || this.ageOf(known.made) < this.options.ageMaxMs);
    return this.withPatience(counts ? known : this.make(question, produce));
  }

  forgetAll(): void {
    this.answers.clear();
  }

  private withPatience({ value, made, last }: Answer<T>): Promise<T> {
    if (made !== undefined || last === undefined || this.ageOf(last) > this.options.lastMaxMs) return value;
    const given = new AbortController();
    const lost = delay(this.options.patienceMs, last.value, { signal: given.signal }).catch(() => value);
    return Promise.race([value, lost]).finally(() => { given.abort(); });
  }

  private make(question: string, produce: () => Promise<T>): Answer<T> {
    const before = this.answers.get(question)?.made;
    const answer: Answer<T> = { value: produce(), made: undefined, last: before !== undefined && this.ageOf(before) < this.options.demandMs ? before : undefined };
    this.answers.delete(question);
    this.answers.set(question, answer);
    this.dropOldest();
    answer.value.then(
      (value) => { answer.made = { value, atMs: this.options.elapsed() }; },
      () => { if (this.answers.get(question) === answer) this.answers.delete(question); },
    );
    return answer;
  }

  private ageOf({ atMs }: Made<T>): number {
    return this.options.elapsed() - atMs;
  }

  private dropOldest(): void {
    const [oldest] = this.answers.keys();
    if (oldest !== undefined && this.answers.size > this.options.entriesMax) this.answers.delete(oldest);
  }
}
