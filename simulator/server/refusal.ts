/** How a request ends when it is not carried out: Bybit's retCode and retMsg. Stays inside the simulator. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(readonly retCode: number, readonly retMsg: string) {
    super(retMsg);
  }
}

export const invalidParameter = (message: string): Refusal => new Refusal(10001, message);
