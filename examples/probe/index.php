<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return require __DIR__ . '/../../audit/probe/index.php';
