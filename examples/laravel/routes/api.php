<?php
// SPDX-License-Identifier: MIT
//
// Routes for programs, below /api: no session, no CSRF token.

declare(strict_types=1);

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

Route::get('/hello/{name}', static fn (string $name, Request $request) => [
    'greeting' => trim(str_repeat("Hello, $name! ", $request->integer('times', 1))),
    'uri' => $request->fullUrl(),
]);

// Two cookies remember the order.
Route::post('/orders', static function (Request $request) {
    $order = ['item' => $request->input('item'), 'quantity' => $request->integer('quantity')];

    return response()->json($order, 201)
        ->cookie('item', $order['item'])
        ->cookie('quantity', (string) $order['quantity']);
});

Route::put('/orders/{id}', static fn (int $id, Request $request) => [
    'id' => $id,
    ...$request->json()->all(),
]);

Route::post('/receipts', static function (Request $request) {
    $file = $request->file('receipt');

    return [
        'name' => $file->getClientOriginalName(),
        'type' => $file->getClientMimeType(),
        'bytes' => $file->getSize(),
        'sha1' => sha1_file($file->getPathname()),
    ];
});

Route::get('/broken', static function (): never {
    throw new DomainException('this route is broken on purpose');
});
