<?php
// SPDX-License-Identifier: MIT
//
// Pages for people, with a session, encrypted cookies and CSRF protection.

declare(strict_types=1);

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

Route::get('/', static function (Request $request) {
    $visits = $request->session()->increment('visits');

    return view('order', ['visits' => $visits, 'item' => $request->session()->get('item')]);
});

Route::post('/', static function (Request $request) {
    $request->session()->put('item', $request->string('item')->value());

    return redirect('/');
});
