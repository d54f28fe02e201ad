// Package verdict keeps what each text was judged to be, as the team corrects it.
package verdict
