// Package adapt fits one message to each network's real rules.
//
// Fit is the whole of it: a Message with light marks and its media goes in, a Variant with one or more parts comes out,
// each with its length as the network counts it. What the networks want stands in one table for each (RulesOf), with
// the page it was read on and the day. Nothing is ever cut silently: what does not fit is split into a thread, or the
// variant is refused and says by how much, with the beginning that would fit.
package adapt
