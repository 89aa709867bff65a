"""Engine stage backtest: the same cases under different rules, a clock that jumps from event to event, and the ceiling of any rule."""
