import "./htmx-global";
import "htmx-ext-sse";
import { prepareForm } from "./upload";

prepareForm();
