// Package quota limits how many requests a sender may make in a minute, and how many bytes it may
// send and get, with one count for all servers that share a store.
//
// Asking the store about every request would cost more than most requests do. Servers lease
// portions instead: a document for each sender and minute says how much of the limit has been
// handed out, a server that needs more raises it by compare-and-swap, and what it has raised it
// by it spends without asking. So all servers together never let more than the limit through in
// a minute. They may let less through: what a server leased and does not need is lost to the
// others, a tenth of the limit at most for each server. Portions get smaller as the limit comes
// near, and a limit of ten or less is handed out one by one.
//
// # Minutes
//
// Windows are the minutes of the calendar in UTC, by the clock of each server. A sender may so
// make as many requests at the end of one minute as at the beginning of the next: twice the
// limit in quick succession. Where the clocks of servers differ, a minute begins with the first
// of them and ends with the last; it still has the limit only once, because all of them count in
// its document.
//
// # Bytes
//
// How many bytes a request takes shows when it has been answered. So a sender who has any left is
// let through, and what the answer takes over the limit is carried: each of the next minutes
// forgives the limit once, and until the rest is below it the sender waits, an hour at most. Bytes
// therefore have one document for each sender that lasts until nothing is left to pay, and says of
// which minute its number is. Requests that a sender makes at the same time are let through
// together, and paid for together.
//
// # Without a store
//
// While the store does not answer, each server counts on its own, so that the limit then holds
// for each server and not for all together. To refuse requests instead would put a second
// outage on top of the first, and most of them get to hear from the store itself that it is
// away.
package quota
