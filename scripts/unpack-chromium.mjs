// Unpacks the Chromium of the npm package, and the libraries that a bare machine lacks, into the folder TMPDIR.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import chromium, { inflate } from "@sparticuz/chromium";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await chromium.executablePath();
await inflate(join(root, "node_modules/@sparticuz/chromium/bin/al2023.tar.br"));
