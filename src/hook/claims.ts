/** Deliveries under way, and their lanes. Memory alone knows them: after a crash they go out again. */
import { PENDING } from './deliveries.ts';
import { UnwrittenList } from './unwritten.ts';

interface Claim {
  lane: string | null;
  /** Its attempt has come back and takes no room any more: what it came to is to be written down. */
  isAnswered: boolean;
}

export class Claims {
  /** What has no row yet. */
  readonly unwritten = new UnwrittenList();
  readonly #bySeq = new Map<number, Claim>();

  /** Attempts that have not come back. */
  get inFlight(): number {
    let count = 0;
    for (const { isAnswered } of this.#bySeq.values()) if (!isAnswered) count += 1;
    return count;
  }

  /** With those that have come back and are not written down. */
  get underWay(): number {
    return this.#bySeq.size;
  }

  has(seq: number): boolean {
    return this.#bySeq.has(seq);
  }

  /** An attempt of this lane is under way. */
  isBusy(lane: string | null): boolean {
    if (lane === null) return false;
    for (const claim of this.#bySeq.values()) if (claim.lane === lane) return true;
    return false;
  }

  /** The lanes that are busy. */
  get lanes(): string[] {
    return [...this.#bySeq.values()].flatMap(({ lane }) => (lane === null ? [] : [lane]));
  }

  /** The row's lane, also when the ordering has changed since the attempt began. */
  laneOf(seq: number): string | null {
    return this.#bySeq.get(seq)?.lane ?? null;
  }

  add(seq: number, lane: string | null): void {
    this.#bySeq.set(seq, { lane, isAnswered: false });
  }

  answered(seq: number): void {
    const claim = this.#bySeq.get(seq);
    if (claim !== undefined) claim.isAnswered = true;
  }

  /** Its delivery has ended meanwhile: the lane waits for the attempt no more, as nothing would free it then. */
  leaveLane(seq: number): void {
    const claim = this.#bySeq.get(seq);
    if (claim !== undefined) claim.lane = null;
  }

  /** False: it was not under way. */
  release(seq: number): boolean {
    return this.#bySeq.delete(seq);
  }

  /** What is under way keeps the lane of its row busy, as long as that has not ended. */
  readLanes(sql: SqlStorage): void {
    for (const [seq, claim] of this.#bySeq) {
      if (this.unwritten.find(seq) !== undefined) continue;
      const row = sql
        .exec<{ lane: string | null }>(`SELECT lane FROM deliveries WHERE seq = ? AND ${PENDING}`, seq)
        .toArray()[0];
      claim.lane = row?.lane ?? null;
    }
  }

  /** Their places in the log, for a statement that leaves them out. */
  get json(): string {
    return JSON.stringify([...this.#bySeq.keys()]);
  }
}
