<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Audit\Planted;

use php_user_filter;

/** A stream filter to register; no stream uses it. */
final class Filter extends php_user_filter
{
}
