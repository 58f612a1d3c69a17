<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

return [
    'order' => ['number' => 1, 'amounts' => [12.5, 3]],
    'taskToken' => 'AAAAKgAAAAIAAAAAAAAAAdX5',
];
