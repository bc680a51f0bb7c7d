// The file of lines, which is also all that the consumer remembers: started again, it goes on behind the last
// whole line.

import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/** What this program reads of an event. There may be more in it, which is passed on. */
export interface Event {
  specversion: string;
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  data: { action: string; actor: { name: string }; details: { administrator?: string } };
}

export interface Alert {
  rule: string;
  actor: string;
  targets: string[];
}

/** The newest version that this program knows of the events that have more than one. */
const NEWEST: Record<string, number> = { "mfa.reset": 2, "reset.reported_suspicious": 2, "settings.changed": 2 };
const TYPE = /^mfa-ledger\.(.+)\.v(\d+)$/;
const REQUIRED = ["specversion", "id", "source", "type", "subject", "time", "data"] as const;

const RESETS = 3;
const WITHIN_MS = 10 * 60_000;

/** Somebody resets the MFA of RESETS or more different people within minutes, by the events' own time. */
class Pattern {
  private readonly recent = new Map<string, { at: number; target: string }[]>();

  see(event: Event): Alert | null {
    if (event.data.action !== "mfa.reset") return null;
    const { actor, details } = event.data;
    const at = Date.parse(event.time);
    const recent = (this.recent.get(actor.name) ?? []).filter((it) => at - it.at <= WITHIN_MS);
    recent.push({ at, target: details.administrator ?? "" });
    this.recent.set(actor.name, recent);
    const targets = [...new Set(recent.map((it) => it.target))].sort();
    return targets.length < RESETS ? null : { rule: "many-resets-by-one-person", actor: actor.name, targets };
  }
}

/** Why a message is set aside, for a person or a newer program to look at; null for what can be handled. */
function parked(event: Partial<Event> | null, identity: string, position: number): string | null {
  if (!identity.endsWith(`/${position}`)) return `its Nats-Msg-Id is "${identity}"`;
  if (event === null || typeof event !== "object" || REQUIRED.some((name) => !event[name])) return "it is no CloudEvent";
  if (`${event.specversion}`.split(".")[0] !== "1") return `CloudEvents ${event.specversion} is not known here`;
  const known = TYPE.exec(`${event.type}`);
  const [version, newest] = [Number(known?.[2]), NEWEST[known?.[1] ?? ""] ?? 1];
  return version >= 1 && version <= newest ? null : `the type ${event.type} is not known here`;
}

function parse(text: string): Event | null {
  try {
    return JSON.parse(text) as Event;
  } catch {
    return null;
  }
}

export class Lines {
  last = 0;
  private readonly pattern = new Pattern();
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, "a+");
    const kept = readFileSync(path);
    // What is behind the last line's end was cut off by a crash: that event was not acknowledged, and comes again.
    const whole = kept.lastIndexOf("\n") + 1;
    ftruncateSync(this.file, whole);
    for (const line of kept.subarray(0, whole).toString().split("\n").slice(0, -1)) {
      const told = JSON.parse(line) as { position: number; parked: string | null; event: Event };
      this.last = told.position;
      if (told.parked === null) this.pattern.see(told.event);
    }
  }

  write(position: number, identity: string, body: string): void {
    const event = parse(body);
    const why = parked(event, identity, position);
    const alert = why === null && event !== null ? this.pattern.see(event) : null;
    writeSync(this.file, `${JSON.stringify({ position, parked: why, alert, event: event ?? body })}\n`);
    this.last = position;
  }

  sync(): void {
    fsyncSync(this.file);
  }

  close(): void {
    closeSync(this.file);
  }
}
