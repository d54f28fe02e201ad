// Package teamtest founds a company with a member in every role, for the tests of other rooms.
package teamtest
