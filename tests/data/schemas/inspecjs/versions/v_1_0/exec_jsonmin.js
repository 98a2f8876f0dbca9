"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Convert = void 0;
var exec_jsonmin_1 = require("../../generated_parsers/v_1_0/exec-jsonmin");
Object.defineProperty(exports, "Convert", { enumerable: true, get: function () { return exec_jsonmin_1.Convert; } });
//# sourceMappingURL=exec_jsonmin.js.map