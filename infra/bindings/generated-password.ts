/**
 * A password that nobody chooses, knows or types: made at apply, in state only. For services that insist on one although
 * every login goes through Entra. Its resource must ignore later changes of the argument, because every plan would make
 * another.
 */
export const generatedPassword = `Aa1!$\{uuid()}`;
