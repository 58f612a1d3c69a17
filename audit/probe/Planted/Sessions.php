<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

use SessionHandler;

/** A session handler of an application, which leaves the work to PHP's. */
final class Sessions extends SessionHandler
{
}
