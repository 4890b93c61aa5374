// What questions and answers are made of.

export const recordTypes = { A: 1, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 } as const;
/** The pseudo record that carries EDNS, and the question for everything. */
export const optType = 41;
export const anyType = 255;
export const internetClass = 1;

export interface DnsQuestion {
  /** As it was asked, without the final dot. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: "A"; readonly address: string }
  /** 16 bytes; only handed on. */
  | { readonly type: "AAAA"; readonly address: Uint8Array }
  | { readonly type: "CNAME" | "PTR"; readonly target: string }
  | {
      readonly type: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: "TXT"; readonly text: string }
  | {
      readonly type: "SOA";
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimum: number;
    }
);

export const responseCodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const;
export type ResponseCode = (typeof responseCodes)[keyof typeof responseCodes];

export interface Answer {
  readonly code: ResponseCode;
  readonly answers: readonly DnsRecord[];
  readonly authority?: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
}
