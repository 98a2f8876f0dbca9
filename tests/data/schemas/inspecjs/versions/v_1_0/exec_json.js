"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Convert = exports.ControlResultStatus = void 0;
var exec_json_1 = require("../../generated_parsers/v_1_0/exec-json");
Object.defineProperty(exports, "ControlResultStatus", { enumerable: true, get: function () { return exec_json_1.ControlResultStatus; } });
Object.defineProperty(exports, "Convert", { enumerable: true, get: function () { return exec_json_1.Convert; } });
//# sourceMappingURL=exec_json.js.map