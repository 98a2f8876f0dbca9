"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Convert = void 0;
var profile_json_1 = require("../../generated_parsers/v_1_0/profile-json");
Object.defineProperty(exports, "Convert", { enumerable: true, get: function () { return profile_json_1.Convert; } });
//# sourceMappingURL=profile_json.js.map