package reach

// SetDraw draws portraits in another way.
func (r *Room) SetDraw(f func(*Material) (Drawn, error)) { r.draw = f }
