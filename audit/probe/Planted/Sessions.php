<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

use SessionHandler;

/** A session handler of an application, which lets PHP's handler do the work. */
final class Sessions extends SessionHandler
{
}
