// Guards the wire protocol, which is text: white space in a subject would end it and begin something else.

const illegal = /[\s\0]/;

/** Throws on what could never be a subject: a bug of the caller, since protocol/ escapes every token. */
export function checkSubject(subject: string): void {
  if (subject === "" || illegal.test(subject)) {
    throw new Error(`${JSON.stringify(subject)} is no NATS subject: it is empty or holds white space`);
  }
}
