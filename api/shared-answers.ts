/**
 * The same question, asked by many at once, is answered once: hundreds of readers must not slow down the bot, whose worker
 * answers the queries behind them.
 *
 * Invariants
 * 1. An answer is shared for `ageMaxMs` at most; its `as_of` says of when it is. A failure is shared only with those who
 *    waited for it.
 * 2. Whoever commands reads the effect: a command makes all answers before it forgotten.
 * 3. Bounded: at most `entriesMax` questions.
 */
interface Answer<T> {
  value: Promise<T>;
  /** monotonic ms; Infinity while it is being made */
  madeAtMs: number;
}

export interface SharedAnswersOptions {
  ageMaxMs: number;
  entriesMax: number;
  /** monotonic, ms */
  elapsed(): number;
}

export class SharedAnswers<T> {
  private readonly answers = new Map<string, Answer<T>>();

  constructor(private readonly options: SharedAnswersOptions) {}

  to(question: string, produce: () => Promise<T>): Promise<T> {
    const known = this.answers.get(question);
    if (known !== undefined && this.options.elapsed() - known.madeAtMs < this.options.ageMaxMs) return known.value;
    return this.make(question, produce);
  }

  forgetAll(): void {
    this.answers.clear();
  }

  private make(question: string, produce: () => Promise<T>): Promise<T> {
    const answer = { value: produce(), madeAtMs: Infinity };
    this.answers.delete(question);
    this.answers.set(question, answer);
    this.dropOldest();
    answer.value.then(
      () => { answer.madeAtMs = this.options.elapsed(); },
      () => { if (this.answers.get(question) === answer) this.answers.delete(question); },
    );
    return answer.value;
  }

  private dropOldest(): void {
    const [oldest] = this.answers.keys();
    if (oldest !== undefined && this.answers.size > this.options.entriesMax) this.answers.delete(oldest);
  }
}
