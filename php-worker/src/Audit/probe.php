<?php
// SPDX-License-Identifier: MIT
//
// The entry file that `phork audit` serves.

declare(strict_types=1);

return new Phork\Audit\Probe();
