<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

function count_calls(int $more): int
{
    static $count = 0;

    return $count += $more;
}
