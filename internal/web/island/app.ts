// The desk in the browser: what the pages do beyond links and forms. Everything here only adds to pages that already work.
import { startKeys } from "./desk/keys";
import { startLive } from "./desk/live";
import { startComposers } from "./desk/composer";
import { startDialogs } from "./desk/dialog";
import { startToasts } from "./desk/toast";
import { startFocus } from "./desk/focus";
import { startCurrent } from "./desk/current";
import { startCopy } from "./desk/copy";
import { startCareful } from "./desk/careful";
import { startThemes } from "./desk/theme";
import { startPrint } from "./desk/print";
import { startPosts } from "./desk/post";
import { startPicks } from "./desk/picks";

startDialogs();
startToasts();
startFocus();
startCurrent();
startThemes();
startCopy();
startComposers();
startPicks();
startKeys();
startPrint();
startCareful();
startPosts();
startLive();
