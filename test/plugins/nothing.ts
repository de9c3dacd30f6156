/** A plugin that only has options. */
export default async function nothing() {}
