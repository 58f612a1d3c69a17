<?php
// SPDX-License-Identifier: MIT
//
// Lambda puts stderr into the function's log; there is no disk to keep one on.

declare(strict_types=1);

return ['default' => env('LOG_CHANNEL', 'stderr')];
