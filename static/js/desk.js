/** The staff desk. */
import { startCounts } from "./counts.js";
import { startDrops } from "./drop.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startPlaces } from "./place.js";
import { startScan } from "./scan.js";
import { startTheme } from "./theme.js";
import { startPrint } from "./print.js";
import { startProgress } from "./progress.js";
import { startTill } from "./till.js";

startTill();
startForms();
startMenus();
startTheme();
startPlaces();
startDrops();
startScan();
startPrint();
startProgress();
startCounts();
