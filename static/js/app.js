/** The shop. Every page works without this file; it only makes things quicker. */
import { startCart } from "./cart.js";
import { startForms } from "./forms.js";
import { startMenus } from "./menus.js";
import { startPlaces } from "./place.js";
import { startSearch } from "./search.js";
import { startTheme } from "./theme.js";
import { startViewers } from "./viewer.js";
import { startCheckout } from "./checkout.js";
import { startPrint } from "./print.js";

startForms();
startCart();
startMenus();
startTheme();
startSearch();
startPlaces();
startViewers();
startCheckout();
startPrint();
