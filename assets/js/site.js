/**
 * What the public pages do beyond HTML. Every one works without this file.
 */

import './find.js';
import './tables.js';
