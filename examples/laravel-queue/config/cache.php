<?php
// SPDX-License-Identifier: MIT
//
// Laravel has the rest.

declare(strict_types=1);

return ['default' => env('CACHE_STORE', 'array')];
