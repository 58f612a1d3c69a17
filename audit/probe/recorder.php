<?php
// SPDX-License-Identifier: MIT
//
// Returns the function that records an application's state, for Phork\Worker\StateRecorder, which
// requires this file at boot.

declare(strict_types=1);

require_once __DIR__ . '/autoload.php';

Phork\Audit\Fingerprint::load();

return Phork\Audit\Fingerprint::record(...);
