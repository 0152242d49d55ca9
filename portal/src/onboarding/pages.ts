// The onboarding wizard's two halves: the order (steps 1 to 7), and what follows once an administrator has answered.

import "./connect.js";
import "./order.js";
