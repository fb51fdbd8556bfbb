package runner

// row is waiting work in order. It is a weight-balanced tree through the entries
// themselves (Adams' balance with 3 and 2): a heap would not tell how many pieces
// are before one, and a list would not stay fast with a hundred thousand.
type row struct{ root *entry }

// add puts an entry in its place.
func (r *row) add(e *entry) {
	e.left, e.right, e.size, e.row = nil, nil, 1, r
	r.root = insert(r.root, e)
}

// remove takes out an entry that is in the row.
func (r *row) remove(e *entry) {
	r.root = without(r.root, e)
	e.left, e.right, e.size, e.row = nil, nil, 0, nil
}

// first returns the entry that is before all others, or nil.
func (r *row) first() *entry {
	if r.root == nil {
		return nil
	}
	return leftmost(r.root)
}

// ahead counts the entries before one, which need not be in the row.
func (r *row) ahead(e *entry) int {
	n := 0
	for t := r.root; t != nil; {
		if t.before(e) {
			n += sizeOf(t.left) + 1
			t = t.right
		} else {
			t = t.left
		}
	}
	return n
}

func sizeOf(t *entry) int {
	if t == nil {
		return 0
	}
	return t.size
}

func leftmost(t *entry) *entry {
	for t.left != nil {
		t = t.left
	}
	return t
}

func insert(t, e *entry) *entry {
	if t == nil {
		return e
	}
	if e.before(t) {
		t.left = insert(t.left, e)
	} else {
		t.right = insert(t.right, e)
	}
	return balance(t)
}

func without(t, e *entry) *entry {
	switch {
	case t != e && e.before(t):
		t.left = without(t.left, e)
		return balance(t)
	case t != e:
		t.right = without(t.right, e)
		return balance(t)
	case t.left == nil:
		return t.right
	case t.right == nil:
		return t.left
	}
	next := leftmost(t.right)
	right := without(t.right, next)
	next.left, next.right = t.left, right
	return balance(next)
}

// balance puts a tree right of which one side has changed by one entry.
func balance(t *entry) *entry {
	l, r := sizeOf(t.left), sizeOf(t.right)
	t.size = l + r + 1
	switch {
	case l+r < 2:
		return t
	case r > 3*l:
		if sizeOf(t.right.left) >= 2*sizeOf(t.right.right) {
			t.right = turnRight(t.right)
		}
		return turnLeft(t)
	case l > 3*r:
		if sizeOf(t.left.right) >= 2*sizeOf(t.left.left) {
			t.left = turnLeft(t.left)
		}
		return turnRight(t)
	}
	return t
}

func turnLeft(t *entry) *entry {
	up := t.right
	t.right, up.left = up.left, t
	t.size = sizeOf(t.left) + sizeOf(t.right) + 1
	up.size = sizeOf(up.left) + sizeOf(up.right) + 1
	return up
}

func turnRight(t *entry) *entry {
	up := t.left
	t.left, up.right = up.right, t
	t.size = sizeOf(t.left) + sizeOf(t.right) + 1
	up.size = sizeOf(up.left) + sizeOf(up.right) + 1
	return up
}
