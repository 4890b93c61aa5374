// Loaded before everything else (`node --import`): puts the defect that BERTH_DEFECT names into the modules that it
// is about, as they are loaded. The sources stay as they are.

import { registerHooks } from "node:module";
import { defects } from "./all.ts";

const wanted = process.env["BERTH_DEFECT"];
const defect = defects.find(({ name }) => name === wanted);
if (!defect) throw new Error(`there is no defect ${JSON.stringify(wanted)}`);

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const patches = defect.patches.filter(({ file }) => url.endsWith(`/${file}`));
    if (patches.length === 0) return loaded;
    let text = String(loaded.source);
    if (typeof loaded.source !== "string") text = new TextDecoder().decode(loaded.source);
    for (const { file, find, put } of patches) {
      const parts = text.split(find);
      if (parts.length !== 2)
        throw new Error(
          `defect ${defect.name}: ${file} has ${parts.length - 1} places like the one to change`,
        );
      text = parts.join(put);
    }
    return { ...loaded, source: text };
  },
});
