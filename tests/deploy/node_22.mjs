// SPDX-License-Identifier: MIT
//
// The part of Node.js 22 that gitlab-ci-local needs; preloaded with --import.

Set.prototype.union ??= function (other) {
  return new Set([...this, ...other]);
};
