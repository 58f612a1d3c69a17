<?php
// SPDX-License-Identifier: MIT
//
// The entry file that `phork audit` serves: a handler that answers the auditor's questions.

declare(strict_types=1);

require_once __DIR__ . '/autoload.php';

return new Phork\Audit\Probe();
